// A program that does what packed programs have been seen to break: each word that it is given is
// something that it does, and it tells what came of it.
package main

import (
	"bufio"
	"crypto/fips140"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func check(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(3)
	}
}

func environment() {
	all := os.Environ()
	sort.Strings(all)
	sum := sha256.Sum256([]byte(strings.Join(all, "\x00")))
	fmt.Printf("%d variables %x\n", len(all), sum)
}

func again() {
	self, err := os.Executable()
	check(err)
	out, err := exec.Command(self, "args", "\xff\xfe odd \n bytes", "").CombinedOutput()
	check(err)
	fmt.Printf("again: %s", out)
	check(syscall.Exec(self, []string{"another name", "args", "exec"}, os.Environ()))
}

//go:noinline
func burn(until time.Time) (sum uint64) {
	for time.Now().Before(until) {
		for i := uint64(0); i < 100000; i++ {
			sum += i * i
		}
	}
	return sum
}

func profile(path string) {
	file, err := os.Create(path)
	check(err)
	check(pprof.StartCPUProfile(file))
	burn(time.Now().Add(700 * time.Millisecond))
	pprof.StopCPUProfile()
	check(file.Close())
}

func tls() {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "over TLS")
	}))
	defer server.Close()
	answer, err := server.Client().Get(server.URL)
	check(err)
	body, err := io.ReadAll(answer.Body)
	check(err)
	fmt.Println(string(body))
}

func load(milliseconds int) {
	caught := make(chan os.Signal, 100)
	signal.Notify(caught, syscall.SIGUSR1)
	end := time.Now().Add(time.Duration(milliseconds) * time.Millisecond)
	var all sync.WaitGroup
	for i := 0; i < 200; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			kept := map[int][]byte{}
			for n := 0; time.Now().Before(end); n++ {
				kept[n%64] = make([]byte, n%8192)
				runtime.Gosched()
			}
		}()
	}
	for i := 0; i < 20; i++ {
		check(syscall.Kill(os.Getpid(), syscall.SIGUSR1))
		<-caught
	}
	runtime.GC()
	all.Wait()
	fmt.Println("caught 20 signals under load")
}

func recovered() {
	defer func() { fmt.Println("recovered:", recover()) }()
	var none *struct{ field [1 << 20]byte }
	fmt.Println(none.field[1<<19])
}

type shape interface{ sides() int }
type square struct{ name string }

func (square) sides() int { return 4 }

func main() {
	words := os.Args[1:]
	if len(words) == 0 {
		words = []string{"hello"}
	}
	switch words[0] {
	case "hello":
		var it any = square{"square"}
		fmt.Printf("hello %v %d\n", it, it.(shape).sides())
	case "env":
		environment()
	case "args":
		fmt.Printf("%q\n", os.Args)
	case "where":
		self, err := os.Executable()
		check(err)
		fmt.Println(self)
	case "again":
		again()
	case "in":
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			fmt.Println(strings.ToUpper(lines.Text()))
		}
	case "exit":
		code, err := strconv.Atoi(words[1])
		check(err)
		os.Exit(code)
	case "panic":
		recovered()
		panic("as asked")
	case "profile":
		profile(words[1])
	case "tls":
		tls()
	case "load":
		milliseconds, err := strconv.Atoi(words[1])
		check(err)
		load(milliseconds)
	case "fips":
		fmt.Println("fips", fips140.Enabled())
	case "info":
		info, ok := debug.ReadBuildInfo()
		fmt.Println(ok, info)
	case "wait":
		fmt.Println("waiting")
		time.Sleep(time.Hour)
	}
}
