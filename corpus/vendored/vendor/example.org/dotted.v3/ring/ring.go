// Package ring keeps the last few.
package ring

// Ring keeps the last few items.
type Ring[T any] struct {
	items []T
	most  int
}

// New makes a ring of at most so many.
func New[T any](most int) *Ring[T] { return &Ring[T]{most: most} }

// Push puts an item in, and drops the oldest if there are too many.
func (r *Ring[T]) Push(item T) {
	r.items = append(r.items, item)
	if len(r.items) > r.most {
		r.items = r.items[1:]
	}
}

// Items lists what is kept.
func (r *Ring[T]) Items() []T { return r.items }
