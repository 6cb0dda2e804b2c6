// Command server is a small web service of the kind that people ship: net/http with TLS,
// templates and JSON. The lab measures it, so it says when it is ready and ends when asked to.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

const version = "1.0.0"

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this address; port 0 takes a free one")
	cert := flag.String("cert", "", "serve TLS with this certificate (PEM)")
	key := flag.String("key", "", "the certificate's private key (PEM)")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println("server", version)
		return
	}
	if err := serve(*addr, *cert, *key); err != nil {
		log.Fatal(err)
	}
}

// serve listens until SIGTERM or SIGINT, then lets open requests finish.
func serve(addr, cert, key string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	// Listening comes first, so that whoever reads the line below can connect at once.
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: routes(time.Now()), ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() {
		if cert != "" {
			served <- server.ServeTLS(listener, cert, key)
		} else {
			served <- server.Serve(listener)
		}
	}()
	fmt.Println("listening on", listener.Addr())

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return err
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// status is what the service says about itself, to people and to programs.
type status struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	Uptime  string `json:"uptime"`
	Visitor string `json:"visitor"`
}

var page = template.Must(template.New("status").Parse(`<!doctype html>
<title>server</title>
<h1>Hello, {{.Visitor}}</h1>
<p>Version {{.Version}}, built with {{.Go}}, up for {{.Uptime}}.</p>
`))

func routes(started time.Time) http.Handler {
	now := func(r *http.Request) status {
		visitor := r.URL.Query().Get("name")
		if visitor == "" {
			visitor = "visitor"
		}
		uptime := time.Since(started).Round(time.Millisecond).String()
		return status{version, runtime.Version(), uptime, visitor}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := page.Execute(w, now(r)); err != nil {
			log.Print(err)
		}
	})
	mux.HandleFunc("/status.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(now(r)); err != nil {
			log.Print(err)
		}
	})
	return mux
}
