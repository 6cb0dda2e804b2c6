// Package files embeds files.
package files

import "embed"

//go:embed assets
var assets embed.FS

//go:embed assets/tide.txt
var tide string

//go:embed assets/table.csv
var table []byte

// Total adds up what is embedded.
func Total() int {
	total := len(tide) + len(table)
	entries, _ := assets.ReadDir("assets")
	for _, entry := range entries {
		data, _ := assets.ReadFile("assets/" + entry.Name())
		total += len(data)
	}
	return total
}
