// Command locals has a variable for a debugger to find.
package main

import "fmt"

func main() {
	word := "forty-two"
	fmt.Println(len(word)) // a breakpoint stands here
	fmt.Println(word)
}
