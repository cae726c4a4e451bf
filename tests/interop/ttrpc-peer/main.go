// SPDX-License-Identifier: Apache-2.0

// The other end of tests/unit/ttrpc/test_interop.c, over Go's ttrpc library.
//
//	ttrpc-peer serve PATH   serve test.Echo until stdin ends
//	ttrpc-peer call PATH    call test.Echo in every way, print one line per failure
//
// All messages are StringValue, which is on the wire what grpc.CheckRequest is.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	text "google.golang.org/protobuf/types/known/wrapperspb"
)

const service = "test.Echo"

func echo(ctx context.Context, unmarshal func(interface{}) error) (interface{}, error) {
	var in text.StringValue
	if err := unmarshal(&in); err != nil {
		return nil, err
	}
	switch {
	case strings.HasPrefix(in.Value, "fail "):
		return nil, status.Error(codes.FailedPrecondition, in.Value[5:])
	case in.Value == "metadata":
		values, _ := ttrpc.GetMetadata(ctx)
		list, _ := values.Get("key")
		return text.String(strings.Join(list, ",")), nil
	case in.Value == "deadline":
		_, ok := ctx.Deadline()
		return text.String(fmt.Sprint(ok)), nil
	}
	return &in, nil
}

func wait(ctx context.Context, unmarshal func(interface{}) error) (interface{}, error) {
	var in text.StringValue
	if err := unmarshal(&in); err != nil {
		return nil, err
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func repeat(_ context.Context, stream ttrpc.StreamServer) (interface{}, error) {
	var in text.StringValue
	if err := stream.RecvMsg(&in); err != nil {
		return nil, err
	}
	for i := 0; i < 3; i++ {
		if err := stream.SendMsg(&in); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func collect(_ context.Context, stream ttrpc.StreamServer) (interface{}, error) {
	var all strings.Builder
	for {
		var in text.StringValue
		err := stream.RecvMsg(&in)
		if err == io.EOF {
			return text.String(all.String()), nil
		}
		if err != nil {
			return nil, err
		}
		all.WriteString(in.Value + ";")
	}
}

func bidi(_ context.Context, stream ttrpc.StreamServer) (interface{}, error) {
	for {
		var in text.StringValue
		err := stream.RecvMsg(&in)
		if err == io.EOF || in.Value == "end" {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if err := stream.SendMsg(&in); err != nil {
			return nil, err
		}
	}
}

func serve(path string) error {
	server, err := ttrpc.NewServer()
	if err != nil {
		return err
	}
	server.RegisterService(service, &ttrpc.ServiceDesc{
		Methods: map[string]ttrpc.Method{"Echo": echo, "Wait": wait},
		Streams: map[string]ttrpc.Stream{
			"Repeat":  {Handler: repeat, StreamingServer: true},
			"Collect": {Handler: collect, StreamingClient: true},
			"Bidi":    {Handler: bidi, StreamingClient: true, StreamingServer: true},
		},
	})
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		server.Close()
	}()
	if err := server.Serve(context.Background(), listener); !errors.Is(err, ttrpc.ErrServerClosed) {
		return err
	}
	return nil
}

var failed bool

func check(what string, got, want interface{}) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		fmt.Printf("%s: got %v, want %v\n", what, got, want)
		failed = true
	}
}

func call(ctx context.Context, client *ttrpc.Client, method, in string) (string, error) {
	var out text.StringValue
	err := client.Call(ctx, service, method, text.String(in), &out)
	return out.Value, err
}

func callUnary(client *ttrpc.Client) {
	ctx := context.Background()
	out, err := call(ctx, client, "Echo", "hello")
	check("echo", out, "hello")
	check("echo error", err, nil)

	_, err = call(ctx, client, "Echo", "fail not now")
	check("code", status.Code(err), codes.FailedPrecondition)
	check("text", status.Convert(err).Message(), "not now")
	_, err = call(ctx, client, "Hidden", "")
	check("unknown method", status.Code(err), codes.Unimplemented)

	values := ttrpc.MD{}
	values.Set("Key", "a", "b")
	out, _ = call(ttrpc.WithMetadata(ctx, values), client, "Echo", "metadata")
	check("metadata", out, "a,b")

	short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	_, err = call(short, client, "Wait", "")
	check("deadline", errors.Is(err, context.DeadlineExceeded) || status.Code(err) == codes.DeadlineExceeded, true)

	large := strings.Repeat("x", 4<<20-100)
	out, err = call(ctx, client, "Echo", large)
	check("large", out == large, true)
	check("large error", err, nil)
}

func callMany(client *ttrpc.Client) {
	var group sync.WaitGroup
	for i := 0; i < 500; i++ {
		group.Add(1)
		go func(in string) {
			defer group.Done()
			out, err := call(context.Background(), client, "Echo", in)
			check("concurrent", out, in)
			check("concurrent error", err, nil)
		}(fmt.Sprint(i))
	}
	group.Wait()
}

func open(client *ttrpc.Client, method string, in interface{}) ttrpc.ClientStream {
	stream, err := client.NewStream(context.Background(), &ttrpc.StreamDesc{
		StreamingClient: method != "Repeat",
		StreamingServer: method != "Collect",
	}, service, method, in)
	check(method+" open", err, nil)
	return stream
}

func expect(what string, stream ttrpc.ClientStream, want string) {
	var out text.StringValue
	check(what+" error", stream.RecvMsg(&out), nil)
	check(what, out.Value, want)
}

func callStreams(client *ttrpc.Client) {
	var out text.StringValue

	stream := open(client, "Repeat", text.String("r"))
	for i := 0; i < 3; i++ {
		expect("repeat", stream, "r")
	}
	check("repeat end", stream.RecvMsg(&out), io.EOF)

	stream = open(client, "Collect", nil)
	for _, in := range []string{"a", "", "b"} {
		check("collect send", stream.SendMsg(text.String(in)), nil)
	}
	check("collect close", stream.CloseSend(), nil)
	expect("collect", stream, "a;;b;")

	stream = open(client, "Bidi", nil)
	for _, in := range []string{"a", "", "b"} {
		check("bidi send", stream.SendMsg(text.String(in)), nil)
		expect("bidi", stream, in)
	}
	check("bidi close", stream.CloseSend(), nil)
	check("bidi end", stream.RecvMsg(&out), io.EOF)

	stream = open(client, "Bidi", nil)
	check("bidi send end", stream.SendMsg(text.String("end")), nil)
	check("bidi ended by the server", stream.RecvMsg(&out), io.EOF)
}

func callAll(path string) error {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	client := ttrpc.NewClient(conn)
	defer client.Close()
	callUnary(client)
	callMany(client)
	callStreams(client)
	if failed {
		return errors.New("see above")
	}
	return nil
}

func main() {
	commands := map[string]func(string) error{"serve": serve, "call": callAll}
	if len(os.Args) != 3 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: ttrpc-peer serve|call PATH")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
