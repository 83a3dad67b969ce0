import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.net.URI;

/** AMQP. */
final class Amqp {
  private static Connection connection(URI address) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(address.getHost());
    factory.setPort(address.getPort());
    return factory.newConnection();
  }

  static void send(URI to, byte[] body) throws Exception {
    try (Connection connection = connection(to);
        Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      String exchange = Subject.parameter(to, "exchange");
      channel.basicPublish(exchange, Subject.parameter(to, "key"), new AMQP.BasicProperties(), body);
      channel.waitForConfirms();
    }
  }

  static void receive(URI from) throws Exception {
    String queue = Subject.parameter(from, "queue");
    Channel channel = connection(from).createChannel();
    DefaultConsumer consumer =
        new DefaultConsumer(channel) {
          @Override
          public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
              throws IOException {
            try {
              Subject.forward(body);
            } catch (Exception error) {
              error.printStackTrace();
            }
            channel.basicAck(envelope.getDeliveryTag(), false);
          }
        };
    channel.basicConsume(queue.isEmpty() ? Subject.parameter(from, "key") : queue, consumer);
  }

  private Amqp() {}
}
