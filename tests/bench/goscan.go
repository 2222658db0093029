// goscan is the peer that bulk capture is measured against: what Go's crypto/tls costs when it does nothing
// but fetch chains and staples and write them as JSON lines.
//
// usage: goscan TARGETS CONCURRENCY     (TARGETS: lines of "host address port ...")
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const timeout = 30 * time.Second

type target struct{ host, address string }

type capture struct {
	Host, Address, Version, Cipher string
	Chain, SHA256                  []string
	Staple                         string `json:",omitempty"`
	Error                          string `json:",omitempty"`
}

func ask(wanted target) capture {
	seen := capture{Host: wanted.host, Address: wanted.address}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", wanted.address)
	if err != nil {
		seen.Error = err.Error()
		return seen
	}
	defer connection.Close()
	client := tls.Client(connection, &tls.Config{
		InsecureSkipVerify: true, // the chain is what is wanted, whatever it is
		ServerName:         wanted.host,
		MinVersion:         tls.VersionTLS12,
		CurvePreferences:   []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
	})
	if err = client.HandshakeContext(ctx); err != nil {
		seen.Error = err.Error()
		return seen
	}
	state := client.ConnectionState()
	seen.Version = fmt.Sprintf("%x", state.Version)
	seen.Cipher = tls.CipherSuiteName(state.CipherSuite)
	for _, certificate := range state.PeerCertificates {
		hash := sha256.Sum256(certificate.Raw)
		seen.SHA256 = append(seen.SHA256, hex.EncodeToString(hash[:]))
		seen.Chain = append(seen.Chain, base64.StdEncoding.EncodeToString(certificate.Raw))
	}
	seen.Staple = base64.StdEncoding.EncodeToString(state.OCSPResponse)
	return seen
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: goscan TARGETS CONCURRENCY")
		os.Exit(2)
	}
	file, err := os.Open(os.Args[1])
	concurrency, bad := strconv.Atoi(os.Args[2])
	if err != nil || bad != nil || concurrency < 1 {
		fmt.Fprintln(os.Stderr, "goscan: no such file, or no such number")
		os.Exit(2)
	}
	wanted := make(chan target, 1024)
	lines := make(chan []byte, 1024)
	var workers sync.WaitGroup
	for i := 0; i < concurrency; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for each := range wanted {
				line, _ := json.Marshal(ask(each)) // strings only: cannot fail
				lines <- line
			}
		}()
	}
	written := make(chan struct{})
	go func() {
		out := bufio.NewWriterSize(os.Stdout, 1<<16)
		for line := range lines {
			out.Write(line)
			out.WriteByte('\n')
		}
		out.Flush()
		close(written)
	}()
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		if fields := strings.Fields(scanner.Text()); len(fields) >= 3 {
			wanted <- target{fields[0], net.JoinHostPort(fields[1], fields[2])}
		}
	}
	close(wanted)
	workers.Wait()
	close(lines)
	<-written
}
