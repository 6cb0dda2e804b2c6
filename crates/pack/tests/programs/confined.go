// Becomes another program, of which the kernel permits what a container runtime permits at most:
// no memfd, no changes of what the kernel shows of a process, nothing of other processes.
package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

type instruction struct {
	code   uint16
	yes    uint8
	no     uint8
	number uint32
}

type program struct {
	length uint16
	_      [6]byte
	first  *instruction
}

func main() {
	const (
		load, equal, give = 0x20, 0x15, 0x06
		allow, refuse     = 0x7fff0000, 0x00050000 | 1 // EPERM
		noNewPrivileges   = 38
		secureComputing   = 22
	)
	// memfd_create, execveat, process_vm_*, ptrace, personality, prctl, userfaultfd, bpf,
	// perf_event_open, keyctl, unshare, setns, mount, io_uring_setup.
	forbidden := []uint32{319, 322, 310, 311, 101, 135, 157, 323, 321, 298, 250, 272, 308, 165, 425}
	filter := []instruction{{load, 0, 0, 0}}
	for _, number := range forbidden {
		filter = append(filter, instruction{equal, 0, 1, number}, instruction{give, 0, 0, refuse})
	}
	filter = append(filter, instruction{give, 0, 0, allow})
	all := program{length: uint16(len(filter)), first: &filter[0]}
	syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivileges, 1, 0, 0, 0, 0)
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, secureComputing, 2, uintptr(unsafe.Pointer(&all)), 0, 0, 0)
	if errno != 0 {
		fmt.Println("not confined:", errno)
		os.Exit(4)
	}
	fmt.Println(syscall.Exec(os.Args[1], os.Args[1:], os.Environ()))
	os.Exit(5)
}
