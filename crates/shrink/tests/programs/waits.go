// Says that it runs, and waits to be looked at.
package main

import (
	"fmt"
	"syscall"
)

func main() {
	fmt.Println("running")
	wait("forty-two")
}

//go:noinline
func wait(word string) {
	for word != "" {
		syscall.RawSyscall6(syscall.SYS_PSELECT6, 0, 0, 0, 0, 0, 0)
	}
}
