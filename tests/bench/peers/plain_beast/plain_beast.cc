// SPDX-License-Identifier: Apache-2.0
//
// What a C++ program gets by following Beast's own asynchronous example: tcp_stream, flat_buffer,
// async_read into a string_body, async_write. It compares the path and answers a constant; it does
// not look at the secret or the body.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <utility>

namespace beast = boost::beast;
namespace http = beast::http;
namespace net = boost::asio;
using tcp = net::ip::tcp;

namespace {

constexpr char kAnswer[] = "{\"repo\":\"openai-community/gpt2\",\"scope\":\"discussion\"}";

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket&& socket) : stream_(std::move(socket)) {}

  void read() {
    request_ = {};
    stream_.expires_after(std::chrono::seconds(30));
    http::async_read(stream_, buffer_, request_,
                     beast::bind_front_handler(&Session::on_read, shared_from_this()));
  }

 private:
  void on_read(beast::error_code error, std::size_t) {
    if (error) return close();
    const bool is_known =
        request_.method() == http::verb::post && request_.target() == "/webhooks/inline_hub";
    response_ = {is_known ? http::status::ok : http::status::not_found, request_.version()};
    response_.set(http::field::server, BOOST_BEAST_VERSION_STRING);
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body() = kAnswer;
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      beast::bind_front_handler(&Session::on_write, shared_from_this()));
  }

  void on_write(beast::error_code error, std::size_t) {
    if (error || !response_.keep_alive()) return close();
    read();
  }

  void close() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(net::io_context& loop, unsigned short port)
      : acceptor_(loop, {net::ip::make_address("127.0.0.1"), port}) {}

  void accept() {
    acceptor_.async_accept(beast::bind_front_handler(&Listener::on_accept, shared_from_this()));
  }

 private:
  void on_accept(beast::error_code error, tcp::socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket))->read();
    accept();
  }

  tcp::acceptor acceptor_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  net::io_context loop{1};
  std::make_shared<Listener>(loop, static_cast<unsigned short>(std::atoi(argv[1])))->accept();
  loop.run();
}
