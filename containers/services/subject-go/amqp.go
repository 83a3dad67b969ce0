package main

import (
	"context"
	"fmt"
	"log"
	"net/url"

	amqp "github.com/rabbitmq/amqp091-go"
	"go.opentelemetry.io/otel"
)

// There is no instrumentation for amqp091-go: the spans are made by hand, as the conventions for messages say.

type headers amqp.Table

func (h headers) Get(key string) string { value, _ := h[key].(string); return value }
func (h headers) Set(key, value string) { h[key] = value }
func (h headers) Keys() []string {
	var keys []string
	for key := range h {
		keys = append(keys, key)
	}
	return keys
}

func channelTo(address *url.URL) (*amqp.Connection, *amqp.Channel, error) {
	connection, err := amqp.Dial(fmt.Sprintf("amqp://guest:guest@%s/", address.Host))
	if err != nil {
		return nil, nil, err
	}
	channel, err := connection.Channel()
	return connection, channel, err
}

func publish(ctx context.Context, to *url.URL, body []byte) error {
	connection, channel, err := channelTo(to)
	if err != nil {
		return err
	}
	defer connection.Close()
	exchange, key := to.Query().Get("exchange"), to.Query().Get("key")
	ctx, span := start(ctx, "rabbitmq", "send", key)
	defer span.End()
	table := headers{}
	otel.GetTextMapPropagator().Inject(ctx, table)
	if err := channel.Confirm(false); err != nil {
		return err
	}
	message := amqp.Publishing{Headers: amqp.Table(table), Body: body}
	confirmation, err := channel.PublishWithDeferredConfirmWithContext(ctx, exchange, key, false, false, message)
	if err != nil {
		return err
	}
	_, err = confirmation.WaitContext(ctx)
	return err
}

func consumeDeliveries(_ context.Context, from *url.URL) error {
	queue := from.Query().Get("queue")
	if queue == "" {
		queue = from.Query().Get("key")
	}
	_, channel, err := channelTo(from)
	if err != nil {
		return err
	}
	deliveries, err := channel.Consume(queue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	go func() {
		for delivery := range deliveries {
			ctx := otel.GetTextMapPropagator().Extract(context.Background(), headers(delivery.Headers))
			ctx, span := start(ctx, "rabbitmq", "process", queue)
			if err := forward(ctx, delivery.Body); err != nil {
				log.Print(err)
			}
			check(delivery.Ack(false))
			span.End()
		}
	}()
	return nil
}
