#include "probes/scan.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <list>
#include <optional>
#include <stdexcept>
#include <utility>

#include "probes/descriptors.h"
#include "probes/flight_width.h"
#include "probes/job_queue.h"
#include "probes/lane.h"
#include "probes/loop_backlog.h"
#include "probes/rate_limit.h"
#include "probes/target_run.h"

namespace chaintier {
namespace {

namespace asio = boost::asio;

constexpr Milliseconds stop_poll{50};
// Starts in one go. Between two goes the answers that have come are worked on; else the first of ten thousand
// connections would wait for our processor, and their servers would seem slow.
constexpr int starts_at_once = 16;

// When what has happened waits longer than this for our processor, nothing is begun until it does not: else
// servers would seem slow because we are.
constexpr Milliseconds longest_lag{200};

// Answers that may come together, and are worked on by one thread within a fraction of longest_lag. More are
// left to others even where they are still on their way.
constexpr std::size_t answers_at_once = 128;

// Of one capture; then it makes room for others.
constexpr Milliseconds exhaustion_wait{200};

constexpr std::size_t descriptors_of_a_lane = 3;  // epoll, timerfd and eventfd of its event loop

// A lane is not worth it where few connections would be left for it.
std::size_t lanes_with_descriptors(std::size_t wanted) {
  return std::clamp<std::size_t>(descriptor_budget() / (10 * descriptors_of_a_lane), 1, wanted);
}

using RunPtr = std::shared_ptr<TargetRun>;

class Scanner {
 public:
  Scanner(const std::vector<Target>& targets, const ScanOptions& options, const std::function<Time()>& clock,
          const StopFlag& stop, const std::vector<Finish>& finish)
      : targets_(targets),
        options_(options),
        clock_(clock),
        stop_(stop),
        finish_(finish),
        rate_(options.rate),
        lookups_(std::min(options.lookup_rate, options.rate.value_or(options.lookup_rate))),
        runs_(targets.size()),
        queue_(static_cast<std::size_t>(std::max(options.per_address, 1))) {
    make_lanes();
    width_.emplace(most_in_flight(options, lanes_.size()), SteadyClock::now());
  }
  ~Scanner() {
    for (Lane& lane : lanes_) lane.stop();
  }
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  void run(const ResolverFactory& make_resolver) {
    resolver_ = make_resolver(io_.get_executor());
    look_for_stop();
    pump();
    io_.run();
  }

 private:
  // As many as are asked for, as long as this machine has threads and descriptors for them.
  void make_lanes() {
    const std::size_t most = lanes_with_descriptors(finish_.size());
    lanes_.emplace_back(io_, Lane::Thread::home);
    try {
      while (lanes_.size() < most) lanes_.emplace_back(io_, Lane::Thread::own);
    } catch (const std::runtime_error&) {
    }
    of_lane_.resize(lanes_.size());
  }

  // -- targets

  void begin(std::size_t index) {
    const Target& target = targets_[index];
    const auto run = std::make_shared<TargetRun>(index, target, options_);
    runs_[index] = run;
    const auto given = options_.resolve.find(target.host);
    if (target.connect_to) {
      run->set_addresses({*target.connect_to}, options_);
    } else if (target.host_address) {
      run->set_addresses({*target.host_address}, options_);
    } else if (given != options_.resolve.end()) {
      set_given(*run, given->second);
    } else {
      spawn_lookup(run);
      return;
    }
    run->mark_this_machine(options_, false);
    enqueue(run);
  }

  void choose_lane(TargetRun& run) {
    if (run.lane) return;
    const auto least = takes_next_itself() ? of_lane_.begin() : std::ranges::min_element(of_lane_);
    run.lane = static_cast<std::size_t>(least - of_lane_.begin());
    ++of_lane_[*run.lane];
  }

  // What this thread can do alone it does: work for another one has to be handed over and back, and wakes it.
  bool takes_next_itself() {
    const auto behind = backlog_.look(SteadyClock::now());
    return behind < options_.longest_backlog && of_lane_[0] < answers_at_once;
  }

  bool needs_lookup(const Target& target) const {
    return !target.connect_to && !target.host_address && !options_.resolve.contains(target.host);
  }

  void set_given(TargetRun& run, const std::vector<IpAddress>& given) {
    std::vector<IpAddress> addresses;
    for (const IpAddress& address : given)
      if (options_.family == AddressFamily::any || address.is_v6() == (options_.family == AddressFamily::v6))
        addresses.push_back(address);
    if (addresses.empty())
      set_unresolved(run, {Stage::resolve, Fault::input,
                           "none of the addresses given for this name is of the address family asked for",
                           Cause::resolve});
    else
      run.set_addresses(addresses, options_);
  }

  void set_unresolved(TargetRun& run, const Error& error) {
    run.set_no_address(error, options_);
    run.observation.endpoints.front().samples.front().at = clock_();
  }

  Awaitable<void> look_up(RunPtr run) {
    co_await asio::this_coro::throw_if_cancelled(false);
    if (stopping_) co_return;
    const auto start = SteadyClock::now();
    const auto resolved = co_await resolver_->lookup(run->observation.target.host, run->watch.over_at());
    if (stopping_) co_return;
    if (resolved) {
      run->observation.cnames = resolved->cnames;
      run->set_addresses(resolved->addresses, options_);
    } else {
      set_unresolved(*run, resolved.error());
    }
    run->set_resolve_time(elapsed_since(start));
    run->mark_this_machine(options_, true);
    enqueue(run);
  }

  void enqueue(const RunPtr& run) {
    choose_lane(*run);
    for (const TargetRun::Place place : run->places) {
      const EndpointSeen& endpoint = run->observation.endpoints[place.endpoint];
      queue_.add({run, place, {*endpoint.address, endpoint.port}});
    }
    finish_if_over(run);
  }

  void finish_if_over(const RunPtr& run) {
    const bool out_of_time = run->in_flight == 0 && run->watch.is_over(SteadyClock::now());
    if (!run->finished && (run->open == 0 || out_of_time)) hand_over(run);
  }

  void hand_over(const RunPtr& run) {
    run->finished = true;
    runs_[run->index] = nullptr;
    choose_lane(*run);
    --of_lane_[*run->lane];
    lanes_[*run->lane].work(
        [&finish = finish_[*run->lane], index = run->index, seen = std::move(run->observation)]() mutable {
          return finish(index, std::move(seen));
        },
        [this](std::exception_ptr failure, const std::function<void()>& rest) {
          if (failure) std::rethrow_exception(failure);
          if (rest) rest();
          ++finished_;
          end_if_done();
        });
  }

  // -- captures

  void begin_capture(const Job& job) {
    TargetRun& run = *job.run;
    const Target& target = run.observation.target;
    take_off(job.run);
    CaptureRequest request;
    request.address = job.where.first;
    request.port = job.where.second;
    request.protocol = target.protocol;
    request.host = target.host;
    request.asked = run.sample(job.place).asked;
    request.connect_timeout = options_.connect_timeout;
    request.handshake_timeout = options_.handshake_timeout;
    request.give_up = run.watch.over_at();
    request.own_client = run.own_client;
    request.exhaustion_wait = exhaustion_wait;
    lanes_[*run.lane].capture(std::move(request),
                              [this, job, at = clock_()](std::exception_ptr failure, Capture seen) {
                                if (failure) std::rethrow_exception(failure);
                                if (take(job, at, std::move(seen)))
                                  queue_.leave(job.where);
                                else
                                  queue_.put_back(job);
                                land(job.run);
                              });
  }

  // False when it found no room and is to be begun again.
  bool take(const Job& job, Time at, Capture seen) {
    TargetRun& run = *job.run;
    Sample& sample = run.sample(job.place);
    rate_.charge(seen.connections - 1);
    if (seen.own_client_declined) run.own_client = false;
    const auto now = SteadyClock::now();
    if (lacked_room(seen.sample)) {
      const bool may_be_begun_again = width_->lacked_room(in_flight_, now);
      if (may_be_begun_again && !stopping_ && !run.watch.is_over(now)) return false;
    } else {
      width_->had_room(now);
    }
    if (seen.sample.outcome != Outcome::not_started) {
      seen.sample.at = at;
      seen.sample.ms.resolve = sample.ms.resolve;
      sample = std::move(seen.sample);
    }
    --run.open;
    return true;
  }

  // -- the event loop

  // A lookup or a capture of this target begins, and has ended.
  void take_off(const RunPtr& run) {
    ++in_flight_;
    ++run->in_flight;
    run->watch.resume(SteadyClock::now());
  }
  void land(const RunPtr& run) {
    --in_flight_;
    --run->in_flight;
    run->watch.pause(SteadyClock::now());
    if (!stopping_) finish_if_over(run);
    pump();
  }

  void spawn_lookup(const RunPtr& run) {
    take_off(run);
    const auto signal = signals_.emplace(signals_.end());
    asio::co_spawn(
        io_, look_up(run),
        asio::bind_cancellation_slot(signal->slot(), [this, run, signal](std::exception_ptr failure) {
          // Not at once: the coroutine that is just ending still knows the signal.
          asio::post(io_, [this, signal] { signals_.erase(signal); });
          if (failure) std::rethrow_exception(failure);
          land(run);
        }));
  }

  // Starts whatever may start now. Jobs of targets already begun come before new targets.
  void pump() {
    if (!pumping_) {
      pumping_ = true;
      int left = starts_at_once;
      while (left > 0 && step()) --left;
      pumping_ = false;
      if (left == 0) pump_again();
    }
    if (stopping_ && in_flight_ == 0) hand_over_rest();
    end_if_done();
  }

  void end_if_done() {
    if (finished_ == targets_.size() && in_flight_ == 0) io_.stop();
  }

  void pump_again() {
    if (std::exchange(pump_posted_, true)) return;
    asio::post(io_, [this] {
      pump_posted_ = false;
      pump();
    });
  }

  // One start, or one job dropped; false when nothing can be done now.
  bool step() {
    const bool work_left = !queue_.empty() || next_ < targets_.size();
    if (stopping_ || in_flight_ >= width_->now() || !work_left) return false;
    if (lagging_ && in_flight_ > 0) return false;
    const auto now = SteadyClock::now();
    if (!queue_.empty() && (queue_.front().run->finished || queue_.front().run->watch.is_over(now))) {
      drop_front();
      return true;
    }
    if (!rate_.allows(now)) {
      come_back_at(rate_.next());
      return false;
    }
    if (queue_.empty()) {
      if (needs_lookup(targets_[next_])) {
        if (!lookups_.allows(now)) {
          come_back_at(lookups_.next());
          return false;
        }
        lookups_.take(now);
      }
      begin(next_++);
      return true;
    }
    const Job job = queue_.take();
    rate_.take(now);
    begin_capture(job);
    return true;
  }

  // Its target's time is over: the sample stays not_started.
  void drop_front() {
    const Job job = queue_.take();
    --job.run->open;
    queue_.leave(job.where);
    finish_if_over(job.run);
  }

  void come_back_at(Deadline when) {
    rate_timer_.expires_at(when);
    rate_timer_.async_wait([this](boost::system::error_code error) {
      if (!error) pump();
    });
  }

  void look_for_stop() {
    if (stop_.requested()) {
      stopping_ = true;
      for (auto& signal : signals_) signal.emit(asio::cancellation_type::terminal);
      for (Lane& lane : lanes_) lane.cancel();
      pump();
      return;
    }
    stop_timer_.expires_after(stop_poll);
    stop_timer_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      const auto now = SteadyClock::now();
      lagging_ = now > stop_timer_.expiry() + longest_lag;
      for (Lane& lane : lanes_) {
        lagging_ = lagging_ || lane.lags(now, longest_lag);
        lane.ask_for_sign(now);
      }
      if (!lagging_) pump();
      look_for_stop();
    });
  }

  void hand_over_rest() {
    for (std::size_t index = 0; index < next_; ++index)
      if (const RunPtr run = runs_[index]) {
        if (run->observation.endpoints.empty()) run->set_not_begun(options_);
        hand_over(run);
      }
    for (; next_ < targets_.size(); ++next_) {
      const auto run = std::make_shared<TargetRun>(next_, targets_[next_], options_);
      run->set_not_begun(options_);
      hand_over(run);
    }
  }

  const std::vector<Target>& targets_;
  const ScanOptions& options_;
  const std::function<Time()>& clock_;
  const StopFlag& stop_;
  const std::vector<Finish>& finish_;
  std::optional<FlightWidth> width_;  // always there once the lanes are

  RateLimit rate_, lookups_;
  std::vector<RunPtr> runs_;          // begun and not finished, by index
  std::vector<std::size_t> of_lane_;  // how many of them each lane has
  JobQueue queue_;
  std::size_t next_ = 0;  // the first target that was not begun
  std::size_t finished_ = 0, in_flight_ = 0;
  bool pumping_ = false, pump_posted_ = false, stopping_ = false, lagging_ = false;

  // The order matters when an exception leaves the loop: what suspended coroutines hold goes with io_, and
  // they use what stands above it; what stands below uses io_.
  std::deque<Lane> lanes_;
  std::list<asio::cancellation_signal> signals_;  // one for each lookup in flight
  asio::io_context io_{1};
  LoopBacklog backlog_{io_};
  // Lanes may come back when nothing else is waited for.
  asio::executor_work_guard<asio::io_context::executor_type> open_{io_.get_executor()};
  asio::steady_timer rate_timer_{io_}, stop_timer_{io_};
  std::unique_ptr<Resolver> resolver_;
};

}  // namespace

std::size_t most_in_flight(const ScanOptions& options, std::size_t lanes) {
  const std::size_t further = lanes_with_descriptors(lanes) - 1;
  return std::min(static_cast<std::size_t>(std::max(options.concurrency, 1)),
                  descriptor_budget() - descriptors_of_a_lane * further);
}

void scan(const std::vector<Target>& targets, const ScanOptions& options, const std::function<Time()>& clock,
          const StopFlag& stop, const std::vector<Finish>& finish, const ResolverFactory& resolver) {
  Scanner(targets, options, clock, stop, finish).run(resolver);
}

void scan(const std::vector<Target>& targets, const ScanOptions& options, const std::function<Time()>& clock,
          const StopFlag& stop, const std::vector<Finish>& finish) {
  const ResolverFactory resolver = [&](asio::any_io_executor executor) -> std::unique_ptr<Resolver> {
    ResolverOptions asked;
    asked.family = options.family;
    asked.server = options.dns;
    return std::make_unique<DnsResolver>(std::move(executor), asked);
  };
  scan(targets, options, clock, stop, finish, resolver);
}

void scan(const std::vector<Target>& targets, const ScanOptions& options, const std::function<Time()>& clock,
          const StopFlag& stop, const std::function<void(std::size_t, Observation)>& done) {
  const Finish finish = [&done](std::size_t index, Observation observation) {
    done(index, std::move(observation));
    return std::function<void()>();
  };
  scan(targets, options, clock, stop, std::vector{finish});
}

}  // namespace chaintier
