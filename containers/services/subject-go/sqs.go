package main

import (
	"context"
	"log"
	"net/url"
	"os"
	"path"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
)

// otelaws makes a span for each request, and puts nothing into messages: the attributes, and the spans that send and
// process, are made by hand. Where SQS=bare there is none that sends, and what is at hand is put into the message.

type attributes map[string]types.MessageAttributeValue

func (a attributes) Get(key string) string { return aws.ToString(a[key].StringValue) }
func (a attributes) Set(key, value string) {
	a[key] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
}
func (a attributes) Keys() []string {
	var keys []string
	for key := range a {
		keys = append(keys, key)
	}
	return keys
}

// Region and credentials are what emulators take.
func sqsAt(address *url.URL) (*sqs.Client, *string) {
	endpoint := "http://" + address.Host
	config := aws.Config{Region: "elasticmq", Credentials: credentials.NewStaticCredentialsProvider("x", "x", "")}
	otelaws.AppendMiddlewares(&config.APIOptions, otelaws.WithAttributeBuilder(otelaws.DefaultAttributeBuilder))
	client := sqs.NewFromConfig(config, func(options *sqs.Options) { options.BaseEndpoint = aws.String(endpoint) })
	return client, aws.String(endpoint + address.Path)
}

func sendMessage(ctx context.Context, to *url.URL, body []byte) error {
	client, queue := sqsAt(to)
	if os.Getenv("SQS") != "bare" {
		var span trace.Span
		ctx, span = start(ctx, "aws_sqs", "send", path.Base(to.Path))
		defer span.End()
	}
	attributes := attributes{}
	otel.GetTextMapPropagator().Inject(ctx, attributes)
	_, err := client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: queue, MessageBody: aws.String(string(body)), MessageAttributes: attributes,
	})
	return err
}

func pollMessages(ctx context.Context, from *url.URL) error {
	client, queue := sqsAt(from)
	poll := func() error {
		received, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: queue, WaitTimeSeconds: 20, MessageAttributeNames: []string{"All"},
		})
		if err != nil {
			return err
		}
		for _, message := range received.Messages {
			ctx := otel.GetTextMapPropagator().Extract(ctx, attributes(message.MessageAttributes))
			ctx, span := start(ctx, "aws_sqs", "process", path.Base(from.Path))
			if err := forward(ctx, []byte(aws.ToString(message.Body))); err != nil {
				log.Print(err)
			}
			_, err = client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: message.ReceiptHandle})
			span.End()
		}
		return err
	}
	go func() {
		for ctx.Err() == nil {
			if err := poll(); err != nil {
				log.Print(err)
			}
		}
	}()
	return nil
}
