package main

import (
	"context"
	"net"
	"net/url"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// The request has the body in its field 1, as a BytesValue has its value: no code need be generated.

func call(ctx context.Context, to *url.URL, body []byte) error {
	connection, err := grpc.NewClient(to.Host,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()))
	if err != nil {
		return err
	}
	defer connection.Close()
	return connection.Invoke(ctx, to.Path, wrapperspb.Bytes(body), &emptypb.Empty{})
}

func serveGRPC(address string) {
	// Whatever the method is called, it is taken.
	take := func(_ any, stream grpc.ServerStream) error {
		var request wrapperspb.BytesValue
		if err := stream.RecvMsg(&request); err != nil {
			return err
		}
		if err := forward(stream.Context(), request.Value); err != nil {
			return err
		}
		return stream.SendMsg(&emptypb.Empty{})
	}
	server := grpc.NewServer(grpc.StatsHandler(otelgrpc.NewServerHandler()), grpc.UnknownServiceHandler(take))
	listener := must(net.Listen("tcp", address))
	go func() { check(server.Serve(listener)) }()
}
