// Allocates on its heap, says so, and with an argument stays until it is killed.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

func main() {
	memory := make([]byte, 8<<20)
	for i := range memory {
		memory[i] = byte(i)
	}
	fmt.Printf("heap %p\n", &memory[0])
	if len(os.Args) > 1 {
		time.Sleep(time.Hour)
	}
	go os.Exit(0) // most likely on another thread than the first
	time.Sleep(time.Second)
	runtime.KeepAlive(memory)
}
