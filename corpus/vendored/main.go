// Command vendored uses a dependency from its vendor folder, whose path has a dot where symbol
// names escape it.
package main

import (
	"fmt"

	"example.org/dotted.v3"
	"example.org/dotted.v3/ring"
)

func main() {
	r := ring.New[string](3)
	for _, word := range []string{"one", "two", "three", "four"} {
		r.Push(dotted.Shout(word))
	}
	fmt.Println(r.Items())
}
