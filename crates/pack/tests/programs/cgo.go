// A program that needs a C library, and asks it about the program's own headers.
package main

/*
#define _GNU_SOURCE
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

static __thread int counted = 40;
static int first(struct dl_phdr_info *info, size_t size, void *count) {
	*(int *)count += info->dlpi_phnum > 0;
	return 0;
}
static int objects(void) { int count = 0; dl_iterate_phdr(first, &count); return count; }
static int count(void) { return ++counted; }
static int headers(void) {
	ElfW(Phdr) *it = (ElfW(Phdr) *)getauxval(AT_PHDR);
	int loads = 0;
	for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) loads += it[i].p_type == PT_LOAD;
	return loads;
}
static int grow(int size) { char *it = malloc(size); memset(it, 7, size); int last = it[size - 1]; free(it); return last; }
*/
import "C"

import (
	"fmt"
	"net"
	"os/user"
)

func main() {
	addresses, err := net.LookupHost("localhost")
	fmt.Println(C.count(), C.count(), C.grow(1<<24), C.objects() > 2, C.headers(), len(addresses) > 0, err)
	me, err := user.Current()
	fmt.Println(me.Uid, err)
}
