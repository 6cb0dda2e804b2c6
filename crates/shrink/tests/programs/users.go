// Uses C by way of Go's own packages alone, so that Go's linker links it and not that of C.
package main

import (
	"fmt"
	"os/user"
)

func main() {
	is, err := user.Current()
	fmt.Println(is.Uid, err)
}
