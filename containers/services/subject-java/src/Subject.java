import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Plays any part on a route, over any transport, and knows nothing of tracing: that is the point.
 *
 * <p>What arrives is a JSON list, {@code [{"url": …, "arguments": …}]}; the arguments of each element are sent on to its
 * url. HTTP is served on port 8080 and gRPC on 8081. LISTEN names, separated by commas, the queues and topics to consume
 * from.
 */
final class Subject {
  interface Sender {
    void send(URI to, byte[] body) throws Exception;
  }

  /** Returns when it is ready to receive. */
  interface Receiver {
    void receive(URI from) throws Exception;
  }

  static final Map<String, Sender> SENDERS =
      Map.of("http", Http::send, "grpc", Grpc::send, "kafka", Kafka::send, "amqp", Amqp::send, "sqs", Sqs::send);

  static final Map<String, Receiver> RECEIVERS =
      Map.of("kafka", Kafka::receive, "amqp", Amqp::receive, "sqs", Sqs::receive);

  public static void main(String[] arguments) throws Exception {
    Http.serve(8080);
    Grpc.serve(8081);
    String listen = System.getenv().getOrDefault("LISTEN", "");
    for (String address : listen.isEmpty() ? new String[0] : listen.split(",")) {
      URI from = URI.create(address);
      if (RECEIVERS.containsKey(from.getScheme())) {
        RECEIVERS.get(from.getScheme()).receive(from);
      }
    }
    System.out.println("ready");
  }

  /** Takes this service's elements off a route, and sends the rest on. */
  static void forward(byte[] body) throws Exception {
    String text = new String(body, StandardCharsets.UTF_8);
    JsonArray calls = text.isBlank() ? new JsonArray() : JsonParser.parseString(text).getAsJsonArray();
    for (JsonElement call : calls) {
      URI to = URI.create(call.getAsJsonObject().get("url").getAsString());
      String rest = call.getAsJsonObject().get("arguments").toString();
      SENDERS.get(to.getScheme()).send(to, rest.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The value of a parameter of an address; empty if it has none. */
  static String parameter(URI address, String name) {
    String query = address.getQuery() == null ? "" : address.getQuery();
    for (String pair : query.split("&")) {
      if (pair.startsWith(name + "=")) {
        return pair.substring(name.length() + 1);
      }
    }
    return "";
  }

  /** Runs on a thread of its own, for as long as the service does. */
  static void start(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (Exception error) {
                error.printStackTrace();
              }
            });
    thread.start();
  }

  interface Task {
    void run() throws Exception;
  }

  private Subject() {}
}
