// Panics below a few calls, so that its trace has names and lines.
package main

func main() { fall(3) }

//go:noinline
func fall(steps int) {
	if steps == 0 {
		panic("the ground")
	}
	fall(steps - 1)
}
