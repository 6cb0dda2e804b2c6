// Command hello is the smallest program that the lab is shown with: fmt and nothing else.
package main

import "fmt"

func main() {
	fmt.Println("hello, elfin")
}
