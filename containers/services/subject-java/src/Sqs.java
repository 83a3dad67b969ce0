import java.net.URI;
import java.nio.charset.StandardCharsets;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/** SQS. Region and credentials are what emulators take. */
final class Sqs {
  private static SqsClient client(URI address) {
    return SqsClient.builder()
        .endpointOverride(URI.create(endpoint(address)))
        .region(Region.of("elasticmq"))
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("x", "x")))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  static void send(URI to, byte[] body) {
    try (SqsClient client = client(to)) {
      client.sendMessage(send -> send.queueUrl(queue(to)).messageBody(new String(body, StandardCharsets.UTF_8)));
    }
  }

  static void receive(URI from) {
    SqsClient client = client(from);
    Subject.start(
        () -> {
          while (true) {
            poll(client, queue(from));
          }
        });
  }

  private static void poll(SqsClient client, String queue) throws Exception {
    var received =
        client.receiveMessage(
            poll ->
                poll.queueUrl(queue)
                    .waitTimeSeconds(20)
                    .messageAttributeNames("All")
                    .messageSystemAttributeNames(MessageSystemAttributeName.ALL));
    for (var message : received.messages()) {
      Subject.forward(message.body().getBytes(StandardCharsets.UTF_8));
      client.deleteMessage(delete -> delete.queueUrl(queue).receiptHandle(message.receiptHandle()));
    }
  }

  private static String queue(URI address) {
    return endpoint(address) + address.getPath();
  }

  private static String endpoint(URI address) {
    return "http://" + address.getAuthority();
  }

  private Sqs() {}
}
