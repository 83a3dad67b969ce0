package main

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// start makes the span of a message by hand, as the semantic conventions say: operation is "send" or "process".
func start(ctx context.Context, system, operation, destination string) (context.Context, trace.Span) {
	kind := trace.SpanKindProducer
	if operation == "process" {
		kind = trace.SpanKindConsumer
	}
	return otel.Tracer("subject").Start(ctx, operation+" "+destination, trace.WithSpanKind(kind), trace.WithAttributes(
		attribute.String("messaging.system", system),
		attribute.String("messaging.operation.name", operation),
		attribute.String("messaging.operation.type", operation),
		attribute.String("messaging.destination.name", destination)))
}
