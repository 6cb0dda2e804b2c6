// This file is added to the linker, cmd/link/internal/ld, by an overlay: it
// writes down where each symbol went and whose it is, just before the linker
// writes the program. It changes nothing that the linker does.
//
// Raw facts only: who owns what several packages share is judged by whoever
// reads them. One record a line, fields parted by tabs, gzipped:
//
//	t  section address size
//	o  object package file               (external link: a foreign object, renamed)
//	s  id address size section type flags outer package refs name
//	p  kind address size users           (a piece of pclntab: ids of functions, or =package)
//
// Numbers are decimal, ids are the loader's, flags are "d" (in several object
// files) and "c" (a carrier: others lie in it); refs are the symbols in
// several object files that this one points at.
package ld

import (
	"bufio"
	"cmd/internal/goobj"
	"cmd/link/internal/loader"
	"cmd/link/internal/sym"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
)

// truth holds what the generators of pclntab decided; edits of pcln.go fill it.
var truth struct {
	nameOffsets    map[loader.Sym]uint32
	fileOffsets    map[string]uint32
	cuEntries      []goobj.CUFileIndex
	startLocations []uint32
	inlSyms        map[loader.Sym]loader.Sym
}

// writeTruth writes the dump to the file that the environment names, if it names one.
func (ctxt *Link) writeTruth() {
	path := os.Getenv("ELFIN_TRUTH")
	if path == "" {
		return
	}
	file, err := os.Create(path)
	if err != nil {
		Exitf("cannot write the truth: %v", err)
	}
	zipped := gzip.NewWriter(file)
	w := bufio.NewWriter(zipped)
	for _, segment := range []*sym.Segment{&Segtext, &Segrodata, &Segrelrodata, &Segdata} {
		for _, section := range segment.Sections {
			fmt.Fprintf(w, "t\t%s\t%d\t%d\n", section.Name, section.Vaddr, section.Length)
		}
	}
	for i, object := range hostobj {
		fmt.Fprintf(w, "o\t%06d.o\t%s\t%s\n", i, object.pkg, object.pn)
	}
	ctxt.writeSymbols(w)
	ctxt.writePclntab(w)
	for _, close := range []func() error{w.Flush, zipped.Close, file.Close} {
		if err := close(); err != nil {
			Exitf("cannot write the truth: %v", err)
		}
	}
}

func (ctxt *Link) writeSymbols(w io.Writer) {
	ldr := ctxt.loader
	carriers := map[loader.Sym]bool{}
	for s := loader.Sym(1); s < loader.Sym(ldr.NSym()); s++ {
		if ldr.AttrReachable(s) {
			carriers[ldr.OuterSym(s)] = true
		}
	}
	clean := strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")
	write := func(s loader.Sym, address, size int64, section, flags, refs string) {
		fmt.Fprintf(w, "s\t%d\t%d\t%d\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", s, address, size, section,
			ldr.SymType(s), flags, ldr.OuterSym(s), ldr.SymPkg(s), refs, clean.Replace(ldr.SymName(s)))
	}
	for s := loader.Sym(1); s < loader.Sym(ldr.NSym()); s++ {
		section := ldr.SymSect(s)
		flags := ""
		if ldr.AttrDuplicateOK(s) {
			flags += "d"
		}
		if carriers[s] {
			flags += "c"
		}
		if ldr.AttrReachable(s) && section != nil {
			write(s, ldr.SymValue(s), ldr.SymSize(s), section.Name, flags, ctxt.sharedReferences(s))
		} else if _, named := truth.nameOffsets[s]; named {
			write(s, 0, 0, "", flags, "") // inlined wherever it was called: only its name is left
		}
	}
}

// sharedReferences lists the symbols in several object files that s points at.
func (ctxt *Link) sharedReferences(s loader.Sym) string {
	ldr := ctxt.loader
	var refs []string
	seen := map[loader.Sym]bool{}
	relocs := ldr.Relocs(s)
	for i := 0; i < relocs.Count(); i++ {
		r := relocs.At(i)
		to := r.Sym()
		// A relocation without size is a mark for the linker and patches nothing.
		if r.Siz() == 0 || to == 0 || seen[to] || !ldr.AttrReachable(to) || !ldr.AttrDuplicateOK(to) {
			continue
		}
		seen[to] = true
		refs = append(refs, fmt.Sprint(to))
	}
	return strings.Join(refs, ",")
}

func (ctxt *Link) writePclntab(w io.Writer) {
	ldr := ctxt.loader
	at := func(table string) int64 { return ldr.SymValue(ldr.Lookup(table, 0)) }
	piece := func(kind string, address, size int64, users ...loader.Sym) {
		if size != 0 {
			fmt.Fprintf(w, "p\t%s\t%d\t%d\t%s\n", kind, address, size, strings.Trim(fmt.Sprint(users), "[]"))
		}
	}

	container := ctxt.findContainerSyms()
	_, units, funcs := makePclntab(ctxt, container)
	if len(funcs) != len(truth.startLocations) {
		Exitf("%d functions, but %d records in pclntab", len(funcs), len(truth.startLocations))
	}

	for s, offset := range truth.nameOffsets {
		piece("name", at("runtime.funcnametab")+int64(offset), int64(len(ldr.SymName(s))+1), s)
	}

	files := map[string][]loader.Sym{}
	pcs := map[loader.Sym][]loader.Sym{}
	funcdata := map[loader.Sym][]loader.Sym{}
	add := func(users []loader.Sym, s loader.Sym) []loader.Sym {
		if len(users) == 0 || users[len(users)-1] != s {
			users = append(users, s)
		}
		return users
	}
	functab := at("runtime.functab")
	for i, s := range funcs {
		walkFilenames(ctxt, funcs[i:i+1], func(cu *sym.CompilationUnit, file goobj.CUFileIndex) {
			name := cu.FileTable[file]
			files[name] = add(files[name], s)
		})
		fi := ldr.FuncInfo(s)
		words := int64(0)
		if fi.Valid() {
			fi.Preload()
			pcsp, pcfile, pcline, pcinline, pcdata := ldr.PcdataAuxs(s, nil)
			for _, pc := range append([]loader.Sym{pcsp, pcfile, pcline, pcinline}, pcdata...) {
				pcs[pc] = add(pcs[pc], s)
			}
			data := funcData(ldr, s, fi, truth.inlSyms[s], nil)
			for _, fd := range data {
				funcdata[fd] = add(funcdata[fd], s)
			}
			words = int64(numPCData(ldr, s, fi)) + int64(len(data))
		}
		piece("entry", functab+8*int64(i), 8, s)
		piece("record", functab+int64(truth.startLocations[i]), int64(funcSize)+4*words, s)
	}
	for name, users := range files {
		offset := int64(truth.fileOffsets[name])
		piece("file", at("runtime.filetab")+offset, int64(len(expandFile(name))+1), users...)
	}
	for pc, users := range pcs {
		if ldr.SymValue(pc) != 0 { // 0 is no place in the table
			piece("pc", at("runtime.pctab")+ldr.SymValue(pc), ldr.SymSize(pc), users...)
		}
	}
	inline := map[loader.Sym]bool{}
	for _, fd := range truth.inlSyms {
		inline[fd] = true
	}
	for fd, users := range funcdata {
		if fd == 0 || ldr.SymSize(fd) == 0 || !ldr.AttrReachable(fd) {
			continue
		}
		address := ldr.SymValue(fd)
		if ldr.SymSect(fd) == nil {
			address += at("go:func.*") // an offset, since the table is generated
		}
		kind := "funcdata"
		if inline[fd] {
			kind = "inline"
		}
		piece(kind, address, ldr.SymSize(fd), users...)
	}
	cutab := at("runtime.cutab")
	for i, entries := range truth.cuEntries {
		if entries != 0 {
			fmt.Fprintf(w, "p\tcu\t%d\t%d\t=%s\n", cutab, 4*int64(entries), units[i].Lib.Pkg)
		}
		cutab += 4 * int64(entries)
	}
}
