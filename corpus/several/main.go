// Command several is made of what is hard to give to a package: generics and closures that cross
// packages, strings that several packages name, tables that only the runtime reads, assembly.
package main

import (
	"fmt"
	"os"

	"example.com/several/files"
	"example.com/several/shapes"
	"example.com/several/sorted"
	"example.com/several/wordy"
)

type reading struct {
	place   string
	degrees float64
}

// notice stands in wordy too, letter for letter.
const notice = wordy.Notice

func main() {
	readings := []reading{{"north", -4.5}, {"south", 31}, {"hill", 12.25}}
	sorted.By(readings, func(a, b reading) bool { return a.degrees < b.degrees })
	tally := sorted.Tally(readings, func(r reading) string { return r.place })
	set := sorted.Set[reading]{}
	for _, r := range readings {
		set.Add(r)
	}

	figures := []shapes.Shape{shapes.Square{Side: 2}, &shapes.Circle{Radius: 1}, shapes.Named{Shape: shapes.Square{Side: 3}, Name: "court"}}
	sorted.By(figures, func(a, b shapes.Shape) bool { return a.Area() < b.Area() })

	if len(os.Args) > 1 {
		fmt.Println(notice)
	}
	fmt.Println(readings, tally, set.Len(), shapes.Describe(figures), wordy.Say(len(notice)), files.Total(), sum([]uint64{1, 2, 3}))
}
