import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.Executors;

/** HTTP, with what the JDK has. */
final class Http {
  private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  static void send(URI to, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(to).header("content-type", "application/json").POST(BodyPublishers.ofByteArray(body)).build();
    CLIENT.send(request, BodyHandlers.discarding());
  }

  static void serve(int port) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          int status = 200;
          try {
            Subject.forward(exchange.getRequestBody().readAllBytes());
          } catch (Exception error) {
            error.printStackTrace();
            status = 500;
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
  }

  private Http() {}
}
