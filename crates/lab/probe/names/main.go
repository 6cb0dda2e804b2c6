// Command names resolves one name and says, as JSON, what came of it. What Go chose to resolve it
// by is in the standard error, by GODEBUG=netdns=2.
package main

import (
	"encoding/json"
	"net"
	"os"
	"sort"
	"time"
)

type answer struct {
	Addresses []string `json:"addresses"`
	Says      string   `json:"says"`
	Ms        float64  `json:"ms"`
}

func main() {
	if len(os.Args) != 2 {
		os.Stderr.WriteString("usage: names NAME\n")
		os.Exit(2)
	}
	began := time.Now()
	addresses, err := net.LookupHost(os.Args[1])
	found := answer{Addresses: addresses, Ms: float64(time.Since(began)) / 1e6}
	if err != nil {
		found.Addresses, found.Says = []string{}, err.Error()
	}
	sort.Strings(found.Addresses)
	json.NewEncoder(os.Stdout).Encode(found)
}
