// Command cgo needs the C library, so that the external linker makes it.
package main

// static int add(int a, int b) { return a + b; }
import "C"
import "fmt"

func main() {
	fmt.Println("cgo says", C.add(1, 2))
}
