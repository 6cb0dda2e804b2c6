// Command probe is built by the same recipe as the user's program, to find out what a developer
// can still do with such a file. Each subcommand gives one tool its chance:
//
//	panic         panics in main.crash, called by main.hot: does the trace name both?
//	caller        says where it stands, and where main.hot is: runtime.Caller and addr2line
//	profile FILE  writes a CPU profile of main.hot: pprof
//	spin          calls main.hot, which has a local to look at: gdb and Delve
//	burn          keeps main.hot busy: perf
package main

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: probe panic | caller | profile FILE | spin | burn")
	}
	switch os.Args[1] {
	case "panic":
		hot(0)
	case "caller":
		caller()
	case "profile":
		if len(os.Args) < 3 {
			fail("usage: probe profile FILE")
		}
		profile(os.Args[2])
	case "spin":
		fmt.Println("spun", hot(3))
	case "burn":
		burn(500 * time.Millisecond)
	default:
		fail("unknown subcommand " + os.Args[1])
	}
}

// hot is the function that every tool looks for. Its loop is its own, so that samples name it
// however a profiler unwinds.
//
//go:noinline
func hot(n int) int {
	if n == 0 {
		crash()
	}
	answer := reply(n)
	reply(n) // BREAK HERE: answer is 42 for n = 3, and is kept across this call.
	for i := 0; i < n; i++ {
		answer = answer*31 ^ i
	}
	return answer
}

//go:noinline
func reply(n int) int {
	return 39 + n
}

//go:noinline
func crash() {
	var nothing map[string]int
	nothing["crash"] = 1
}

// burn keeps main.hot busy for so long.
func burn(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		hot(1 << 20)
	}
}

func profile(path string) {
	out, err := os.Create(path)
	if err != nil {
		fail(err.Error())
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		fail(err.Error())
	}
	burn(400 * time.Millisecond)
	pprof.StopCPUProfile()
	if err := out.Close(); err != nil {
		fail(err.Error())
	}
}

// caller prints what runtime.Caller says of its own line, an address inside main.hot, and the
// base that the program was loaded at: pc minus base is the address that the file knows.
//
//go:noinline
func caller() {
	pc, file, line, ok := runtime.Caller(0)
	if !ok {
		fail("runtime.Caller knows nothing")
	}
	fmt.Printf("caller %s %s:%d\n", runtime.FuncForPC(pc).Name(), filepath.Base(file), line)
	fmt.Printf("pc %#x\n", reflect.ValueOf(hot).Pointer()+4)
	fmt.Printf("base %#x\n", base())
}

// base is by how much a position-independent program was moved: the first mapping of its file
// less the address that the file asks for there. It is 0 where nothing is moved or can be told.
func base() uint64 {
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return 0
	}
	file, err := elf.Open(path)
	if err != nil || file.Type != elf.ET_DYN {
		return 0
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(maps), "\n") {
		if !strings.HasSuffix(line, " "+path) {
			continue
		}
		var start uint64
		fmt.Sscanf(line, "%x-", &start)
		for _, prog := range file.Progs {
			if prog.Type == elf.PT_LOAD {
				return start - prog.Vaddr
			}
		}
	}
	return 0
}

func fail(says string) {
	fmt.Fprintln(os.Stderr, says)
	os.Exit(2)
}
