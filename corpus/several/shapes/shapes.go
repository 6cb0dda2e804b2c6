// Package shapes has interfaces with several implementations, embedded methods and reflection.
package shapes

import (
	"fmt"
	"math"
	"reflect"
)

// Shape has an area.
type Shape interface {
	Area() float64
}

// Square is a square.
type Square struct{ Side float64 }

// Area is the side's square.
func (s Square) Area() float64 { return s.Side * s.Side }

// Circle is a circle.
type Circle struct {
	Radius float64 `unit:"metre" json:"radius"`
	Center struct{ X, Y float64 }
	Tags   map[[2]string][]func(*Circle) error
}

// Area is that of the disc.
func (c *Circle) Area() float64 { return math.Pi * c.Radius * c.Radius }

// Named is a shape with a name: its Area is a wrapper that the compiler writes.
type Named struct {
	Shape
	Name string
}

// String says the name, and satisfies fmt.Stringer.
func (n Named) String() string { return n.Name }

// Describe lists types and fields.
func Describe(all []Shape) []string {
	var lines []string
	for _, shape := range all {
		typ := reflect.TypeOf(shape)
		for typ.Kind() == reflect.Ptr {
			typ = typ.Elem()
		}
		line := typ.Name()
		for i := 0; i < typ.NumField(); i++ {
			line += fmt.Sprintf(" %s:%s", typ.Field(i).Name, typ.Field(i).Tag.Get("unit"))
		}
		defer func(s Shape) { _ = s.Area() }(shape)
		if anonymous, ok := shape.(interface{ String() string }); ok {
			line += anonymous.String()
		}
		lines = append(lines, line)
	}
	return lines
}
