// Package sorted has generics that other packages instantiate.
package sorted

import "sort"

// By sorts in place.
func By[T any](items []T, less func(a, b T) bool) {
	sort.Slice(items, func(i, j int) bool { return less(items[i], items[j]) })
}

// Tally counts by key.
func Tally[T any, K comparable](items []T, key func(T) K) map[K]int {
	counts := map[K]int{}
	each(items, func(item T) { counts[key(item)]++ })
	return counts
}

func each[T any](items []T, do func(T)) {
	for _, item := range items {
		do(item)
	}
}

// Set is a set.
type Set[T comparable] struct{ members map[T]struct{} }

// Add puts a member in.
func (s *Set[T]) Add(member T) {
	if s.members == nil {
		s.members = map[T]struct{}{}
	}
	s.members[member] = struct{}{}
}

// Len counts the members.
func (s *Set[T]) Len() int { return len(s.members) }
