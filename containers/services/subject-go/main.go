// A subject that plays any part on a route, over any transport.
//
// What arrives is a JSON list, [{"url": …, "arguments": …}]; the arguments of each element are sent on to its url. HTTP
// is served on port 8080 and gRPC on 8081. LISTEN names, separated by commas, the queues and topics to consume from.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// transport is one way to send and to receive. A receiver is ready when receive returns.
type transport struct {
	send    func(context.Context, *url.URL, []byte) error
	receive func(context.Context, *url.URL) error
}

var transports map[string]transport

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	flush := tracing(ctx)
	transports = map[string]transport{
		"http":  {send: post},
		"grpc":  {send: call},
		"kafka": {produce, consumeRecords},
		"amqp":  {publish, consumeDeliveries},
		"sqs":   {sendMessage, pollMessages},
	}
	serveHTTP(":8080")
	serveGRPC(":8081")
	for _, address := range strings.FieldsFunc(os.Getenv("LISTEN"), func(r rune) bool { return r == ',' }) {
		at := must(url.Parse(address))
		if receive := transports[at.Scheme].receive; receive != nil {
			check(receive(ctx, at))
		}
	}
	fmt.Println("ready")
	<-ctx.Done()
	flush()
}

// forward takes this service's elements off a route, and sends the rest on.
func forward(ctx context.Context, body []byte) error {
	var calls []struct {
		URL       string          `json:"url"`
		Arguments json.RawMessage `json:"arguments"`
	}
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, &calls); err != nil {
		return err
	}
	for _, call := range calls {
		to, err := url.Parse(call.URL)
		if err != nil {
			return err
		}
		if err := transports[to.Scheme].send(ctx, to, call.Arguments); err != nil {
			return err
		}
	}
	return nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}
