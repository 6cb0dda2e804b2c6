// Package wordy has long constants and a table that is filled before main.
package wordy

import (
	"fmt"
	"strings"
)

// Notice is a long text that several packages use.
const Notice = `The gauge at the weir is read at six in the morning and at six in the evening.
Whoever reads it writes down the figure that stands at the water's edge, in pencil, and signs.
A figure that cannot be read is left out: an empty line is better than a guessed one.
In a flood the gauge is read every hour, and the mill is told when the mark at four metres goes under.`

var (
	long   = strings.Repeat(Notice, 2)
	months = map[string]int{
		"january": 31, "february": 28, "march": 31, "april": 30, "may": 31, "june": 30,
		"july": 31, "august": 31, "september": 30, "october": 31, "november": 30, "december": 31,
		"a month that no calendar has, so that the table is filled by code": 0,
	}
	answers = [...]string{"nothing to say", "one thing to say, and it is short", Notice[:40]}
)

func init() {
	for name, days := range months {
		if days == 0 {
			delete(months, name)
		}
	}
}

// Say chooses words.
func Say(n int) string {
	switch n % 5 {
	case 0:
		return "the water is low and the mill stands still"
	case 1:
		return "the water is high and the meadow is under it"
	case 2:
		return fmt.Sprintf("the gauge was read %d times, and %d letters were written", n, len(long))
	}
	return answers[n%len(answers)] + fmt.Sprint(len(months))
}
