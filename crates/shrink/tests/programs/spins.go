// Spends its time in one function, for a profiler to find.
package main

import "fmt"

func main() { fmt.Println(spin(200_000_000)) }

//go:noinline
func spin(turns int) int {
	sum := 1
	for turn := range turns {
		sum = sum*31 + turn
	}
	return sum
}
