import io.grpc.CallOptions;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;

/** gRPC without generated code: one method, under whatever name it is called; the body is field 1 of the request. */
final class Grpc {
  private static final Marshaller<byte[]> BYTES =
      new Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException error) {
            throw new UncheckedIOException(error);
          }
        }
      };

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    return MethodDescriptor.newBuilder(BYTES, BYTES).setType(MethodType.UNARY).setFullMethodName(name).build();
  }

  static void send(URI to, byte[] body) {
    ManagedChannel channel = NettyChannelBuilder.forAddress(to.getHost(), to.getPort()).usePlaintext().build();
    try {
      ClientCalls.blockingUnaryCall(channel, method(to.getPath().substring(1)), CallOptions.DEFAULT, wrap(body));
    } finally {
      channel.shutdown();
    }
  }

  static void serve(int port) throws IOException {
    HandlerRegistry anything =
        new HandlerRegistry() {
          @Override
          public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
            return ServerMethodDefinition.create(
                method(name),
                ServerCalls.asyncUnaryCall(
                    (request, answer) -> {
                      try {
                        Subject.forward(unwrap(request));
                        answer.onNext(new byte[0]);
                        answer.onCompleted();
                      } catch (Exception error) {
                        answer.onError(error);
                      }
                    }));
          }
        };
    NettyServerBuilder.forPort(port).fallbackHandlerRegistry(anything).build().start();
  }

  private static byte[] wrap(byte[] body) {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.write(0x0a);
    int length = body.length;
    for (; length > 0x7f; length >>>= 7) {
      request.write(length & 0x7f | 0x80);
    }
    request.write(length);
    request.writeBytes(body);
    return request.toByteArray();
  }

  private static byte[] unwrap(byte[] request) {
    int at = 1;
    while (at < request.length && (request[at] & 0x80) != 0) {
      at++;
    }
    return at >= request.length ? new byte[0] : java.util.Arrays.copyOfRange(request, at + 1, request.length);
  }

  private Grpc() {}
}
