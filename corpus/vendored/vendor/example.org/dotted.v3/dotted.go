// Package dotted has a version in the last element of its path.
package dotted

import "strings"

// Loud says how.
type Loud interface{ Loud(string) string }

type upper struct{ marks int }

func (u upper) Loud(word string) string {
	return strings.ToUpper(word) + strings.Repeat("!", u.marks)
}

var voice Loud = upper{marks: 2}

// Shout says it loud.
func Shout(word string) string { return voice.Loud(word) }
