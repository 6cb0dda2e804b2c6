module example.com/vendored

go 1.19

require example.org/dotted.v3 v1.4.0
