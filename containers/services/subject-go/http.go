package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
)

var client = http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}

func post(ctx context.Context, to *url.URL, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("content-type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func serveHTTP(address string) {
	take := http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err == nil {
			err = forward(request.Context(), body)
		}
		if err != nil {
			http.Error(answer, err.Error(), http.StatusInternalServerError)
		}
	})
	listener := must(net.Listen("tcp", address))
	go func() { check(http.Serve(listener, otelhttp.NewHandler(take, "take"))) }()
}
