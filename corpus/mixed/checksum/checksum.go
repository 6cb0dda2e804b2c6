// Package checksum has a C file, and a Go function that C calls.
package checksum

/*
#include "checksum.h"
*/
import "C"

import "unsafe"

var steps int

//export countStep
func countStep() { steps++ }

// Of is Fletcher's sum.
func Of(data []byte) uint32 {
	return uint32(C.fletcher((*C.uchar)(unsafe.Pointer(&data[0])), C.size_t(len(data))))
}

// Steps tells how often C called back.
func Steps() int { return steps }
