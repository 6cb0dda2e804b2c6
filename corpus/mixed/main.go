// Command mixed calls C, and is called by it.
package main

import (
	"fmt"

	"example.com/mixed/checksum"
)

func main() {
	fmt.Println(checksum.Of([]byte("the water is low")), checksum.Steps())
}
