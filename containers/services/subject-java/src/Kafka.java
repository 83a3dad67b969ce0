import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka. The records are worked on as they come out of the poll; or, where KAFKA=copied, out of a list of one's own. */
final class Kafka {
  static void send(URI to, byte[] body) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", to.getAuthority());
    try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic(to), body)).get();
    }
  }

  static void receive(URI from) throws Exception {
    CountDownLatch assigned = new CountDownLatch(1);
    Subject.start(() -> poll(from, assigned));
    assigned.await();
  }

  private static void poll(URI from, CountDownLatch assigned) throws Exception {
    Map<String, Object> config =
        Map.of("bootstrap.servers", from.getAuthority(), "group.id", topic(from), "auto.offset.reset", "earliest");
    try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic(from)), new Assigned(assigned));
      while (true) {
        var records = consumer.poll(Duration.ofSeconds(1));
        if ("copied".equals(System.getenv("KAFKA"))) {
          List<ConsumerRecord<byte[], byte[]>> copies = new ArrayList<>();
          records.forEach(copies::add);
          for (var record : copies) {
            Subject.forward(record.value());
          }
        } else {
          for (var record : records) {
            Subject.forward(record.value());
          }
        }
      }
    }
  }

  private static String topic(URI address) {
    return address.getPath().substring(1);
  }

  private record Assigned(CountDownLatch assigned) implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      assigned.countDown();
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
  }

  private Kafka() {}
}
