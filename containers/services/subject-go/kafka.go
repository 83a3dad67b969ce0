package main

import (
	"context"
	"log"
	"net/url"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kotel"
)

// franz-go's own plugin makes the spans; the context of a record is the record's.
var tracer = kotel.NewTracer()

func kafkaAt(address *url.URL, options ...kgo.Opt) (*kgo.Client, string, error) {
	topic := strings.Trim(address.Path, "/")
	options = append(options, kgo.SeedBrokers(address.Host), kgo.WithHooks(kotel.NewKotel(kotel.WithTracer(tracer)).Hooks()...))
	client, err := kgo.NewClient(options...)
	return client, topic, err
}

func produce(ctx context.Context, to *url.URL, body []byte) error {
	client, topic, err := kafkaAt(to)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: body}).FirstErr()
}

func consumeRecords(ctx context.Context, from *url.URL) error {
	topic := strings.Trim(from.Path, "/")
	assigned := make(chan struct{}, 1)
	client, _, err := kafkaAt(from, kgo.ConsumeTopics(topic), kgo.ConsumerGroup(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) { assigned <- struct{}{} }))
	if err != nil {
		return err
	}
	go func() {
		for ctx.Err() == nil {
			client.PollFetches(ctx).EachRecord(func(record *kgo.Record) {
				ctx, span := tracer.WithProcessSpan(record)
				defer span.End()
				if err := forward(ctx, record.Value); err != nil {
					log.Print(err)
				}
			})
		}
	}()
	<-assigned
	return nil
}
