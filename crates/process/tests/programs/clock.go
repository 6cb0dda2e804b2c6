// Prints the seconds of its wall clock, those of a child's, and the year of Go's own format.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"
)

func main() {
	fmt.Println(time.Now().Unix())
	if len(os.Args) > 1 {
		return
	}
	began := time.Now()
	child, err := exec.Command(os.Args[0], "child").Output()
	fmt.Print(string(child))
	fmt.Println(err == nil && time.Since(began) < time.Hour)
}
