// Holds logs of Zhili against golang.org/x/mod/sumdb, which knows nothing of Zhili.
//
//	tlog verify DIR VKEY OLD   verifies the log in DIR: checkpoint, tiles, entries, inclusion, growth from checkpoint OLD
//	tlog write DIR             writes a log with a new key, and prints the verifier key
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "tlog:", err)
		os.Exit(1)
	}
}

func read(path ...string) []byte {
	data, err := os.ReadFile(filepath.Join(path...))
	check(err)
	return data
}

// The package names the height in a path, and C2SP does not.
func path(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}

type directory string

func (d directory) Height() int                               { return height }
func (d directory) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(string(d), path(tile)))
		if os.IsNotExist(err) {
			full := tile
			full.W = 1 << height
			data, err = os.ReadFile(filepath.Join(string(d), path(full)))
			if err == nil {
				data = data[:tile.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func checkpoint(data []byte, verifier note.Verifier) tlog.Tree {
	signed, err := note.Open(data, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	hash, err := tlog.ParseHash(lines[2])
	check(err)
	return tlog.Tree{N: size, Hash: hash}
}

// The entries of one bundle, as long as they are.
func entries(data []byte) [][]byte {
	var out [][]byte
	for len(data) > 0 {
		length := int(binary.BigEndian.Uint16(data))
		out = append(out, data[2:2+length])
		data = data[2+length:]
	}
	return out
}

func verify(dir, vkey, old string) {
	verifier, err := note.NewVerifier(vkey)
	check(err)
	tree := checkpoint(read(dir, "checkpoint"), verifier)
	hashes := tlog.TileHashReader(tree, directory(dir))
	// Every entry, through the tiles' hashes, which the reader proves against the signed root.
	for start := int64(0); start < tree.N; start += 1 << height {
		bundle := tlog.Tile{H: height, L: -1, N: start >> height, W: int(min(tree.N-start, 1<<height))}
		name := strings.Replace(path(bundle), "tile/data/", "tile/entries/", 1)
		held := entries(read(dir, name))
		if len(held) != bundle.W {
			check(fmt.Errorf("%s holds %d entries, not %d", name, len(held), bundle.W))
		}
		var indexes []int64
		for i := range held {
			indexes = append(indexes, tlog.StoredHashIndex(0, start+int64(i)))
		}
		leaves, err := hashes.ReadHashes(indexes)
		check(err)
		for i, entry := range held {
			if tlog.RecordHash(entry) != leaves[i] {
				check(fmt.Errorf("entry %d does not have the hash of its tile", start+int64(i)))
			}
		}
	}
	for round := 0; round < 50; round++ {
		index := rand.Int63n(tree.N)
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		check(err)
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		check(err)
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf[0]))
	}
	before := checkpoint(read(old), verifier)
	proof, err := tlog.ProveTree(tree.N, before.N, hashes)
	check(err)
	check(tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash))
	fmt.Println(tree.N, "entries verified")
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func write(dir string) {
	skey, vkey, err := note.GenerateKey(nil, "go.example/log")
	check(err)
	signer, err := note.NewSigner(skey)
	check(err)
	const size = 1000
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, index := range indexes {
			out = append(out, stored[index])
		}
		return out, nil
	})
	save := func(name string, data []byte) {
		name = filepath.Join(dir, name)
		check(os.MkdirAll(filepath.Dir(name), 0o755))
		check(os.WriteFile(name, data, 0o644))
	}
	var bundle []byte
	for i := int64(0); i < size; i++ {
		entry := []byte(fmt.Sprintf("entry %d of Go", i))
		hashes, err := tlog.StoredHashes(i, entry, reader)
		check(err)
		stored = append(stored, hashes...)
		bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry)))
		bundle = append(bundle, entry...)
		if width := int(i%256) + 1; width == 256 || i == size-1 {
			tile := tlog.Tile{H: height, L: -1, N: i / 256, W: width}
			save(strings.Replace(path(tile), "tile/data/", "tile/entries/", 1), bundle)
			bundle = nil
		}
	}
	for _, tile := range tlog.NewTiles(height, 0, size) {
		data, err := tlog.ReadTileData(tile, reader)
		check(err)
		save(path(tile), data)
	}
	root, err := tlog.TreeHash(size, reader)
	check(err)
	text := fmt.Sprintf("go.example/log\n%d\n%s\n", size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	check(err)
	save("checkpoint", signed)
	fmt.Println(vkey)
}

func main() {
	switch {
	case len(os.Args) == 5 && os.Args[1] == "verify":
		verify(os.Args[2], os.Args[3], os.Args[4])
	case len(os.Args) == 3 && os.Args[1] == "write":
		write(os.Args[2])
	default:
		os.Exit(2)
	}
}
