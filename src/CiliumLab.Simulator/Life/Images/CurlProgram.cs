using System.Globalization;
using System.Net;

namespace CiliumLab.Simulator.Life;

/// <summary><c>curl</c> for plain HTTP, as far as exercises use it.</summary>
internal sealed class CurlProgram : IContainerProgram
{
    /// <summary>What it calls itself.</summary>
    public const string Version = "8.14.1";

    private static readonly TimeSpan KernelGivesUp = TimeSpan.FromSeconds(135);

    /// <inheritdoc/>
    public bool TellsCalls => true;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        var calls = call.Traced is { } process ? new CurlSystemCalls(process, call.Container) : null;
        calls?.Started(call.Arguments);
        var code = await TransferAsync(call, calls, cancellationToken).ConfigureAwait(false);
        calls?.Ended(code);
        return code;
    }

    private static async Task<int> TransferAsync(ContainerCall call, CurlSystemCalls? calls, CancellationToken cancellationToken)
    {
        var options = new Options();
        if (options.Read(call.Arguments) is { } complaint)
            return await ComplainAsync(complaint, 2).ConfigureAwait(false);
        if (options.Url is null)
            return await ComplainAsync("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information", 2).ConfigureAwait(false);
        if (!Uri.TryCreate(options.Url.Contains("://", StringComparison.Ordinal) ? options.Url : "http://" + options.Url, UriKind.Absolute, out var uri))
            return await FailAsync(3, $"URL rejected: Malformed input to a URL function").ConfigureAwait(false);
        if (uri.Scheme is not ("http" or "https"))
            return await FailAsync(1, $"Protocol \"{uri.Scheme}\" not supported").ConfigureAwait(false);
        var clock = call.Container.Cluster.Clock;
        var began = clock.GetTimestamp();
        if (calls is not null)
            await calls.BeforeWireAsync(cancellationToken).ConfigureAwait(false);
        var addresses = PodResolver.Resolve(call.Container, uri.Host, out var answered, calls is null ? null : calls.Asked);
        calls?.AfterWire();
        if (addresses.Count == 0)
        {
            var patience = options.Patience ?? TimeSpan.FromSeconds(10);
            if (!answered)
                await WaitAsync(patience).ConfigureAwait(false);
            return !answered && options.Patience is { } limit
                ? await FailAsync(28, $"Resolving timed out after {Milliseconds(limit)} milliseconds").ConfigureAwait(false)
                : await FailAsync(6, $"Could not resolve host: {uri.Host}").ConfigureAwait(false);
        }
        if (calls is not null)
            await calls.BeforeWireAsync(cancellationToken).ConfigureAwait(false);
        var reply = call.Container.Cluster.Connections.Connect(new ConnectRequest(call.Container.Network, addresses[0], uri.Port));
        await TellAsync($"*   Trying {addresses[0]}:{uri.Port}...").ConfigureAwait(false);
        if (reply.Outcome is ConnectOutcome.Refused or ConnectOutcome.HostUnreachable or ConnectOutcome.NetworkUnreachable)
            await TellAsync($"* connect to {addresses[0]} port {uri.Port} from {call.Container.Address} port 0 failed: {Reason(reply.Outcome)}").ConfigureAwait(false);
        var destination = new IPEndPoint(addresses[0], uri.Port);
        calls?.Sorted(destination, reply);
        var waits = calls?.Connecting(destination, reply) == true && reply.Outcome != ConnectOutcome.TimedOut;
        calls?.AfterWire();
        if (waits)
            calls!.Connected(reply);
        switch (reply.Outcome)
        {
            case ConnectOutcome.Connected:
                break;
            case ConnectOutcome.TimedOut when options.Patience is { } limit:
                await WaitAsync(limit).ConfigureAwait(false);
                return await FailAsync(28, $"Connection timed out after {Milliseconds(limit)} milliseconds").ConfigureAwait(false);
            case ConnectOutcome.TimedOut:
                await WaitAsync(KernelGivesUp).ConfigureAwait(false);
                calls?.Connected(reply);
                return await FailAsync(28, $"Failed to connect to {uri.Host} port {uri.Port} after {Milliseconds(KernelGivesUp)} ms: Could not connect to server").ConfigureAwait(false);
            default:
                return await FailAsync(7, $"Failed to connect to {uri.Host} port {uri.Port} after 0 ms: Could not connect to server").ConfigureAwait(false);
        }
        await TellAsync($"* Connected to {uri.Host} ({addresses[0]}) port {uri.Port}").ConfigureAwait(false);
        var host = uri.IsDefaultPort ? uri.Host : $"{uri.Host}:{uri.Port}";
        var request = $"{options.Method} {uri.PathAndQuery} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: curl/{Version}\r\nAccept: */*\r\n{string.Concat(options.Headers.Select(static h => h + "\r\n"))}\r\n";
        if (calls is not null)
            await calls.BeforeWireAsync(cancellationToken).ConfigureAwait(false);
        var answer = reply.Ask(request);
        calls?.Exchanged(request, answer, reply.RoundTrip);
        calls?.AfterWire();
        var split = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var (head, body) = split < 0 ? (answer, "") : (answer[..(split + 4)], answer[(split + 4)..]);
        var code = head.Split(' ') is [_, var status, ..] ? status : "000";
        if (options.FailOnError && code[0] is '4' or '5')
            return await FailAsync(22, $"The requested URL returned error: {code}").ConfigureAwait(false);
        if (options.WithHead || options.Method == "HEAD")
            await call.PrintAsync(head, cancellationToken).ConfigureAwait(false);
        if (options.Output is null && options.Method != "HEAD")
            await call.PrintAsync(body, cancellationToken).ConfigureAwait(false);
        var shown = (options.WithHead || options.Method == "HEAD" ? head : "") + (options.Method == "HEAD" ? "" : body);
        if (shown.Length > 0)
            calls?.Wrote(shown, options.Output);
        if (options.WriteOut is { } format)
        {
            var seconds = (clock.GetElapsedTime(began) + reply.RoundTrip).TotalSeconds;
            var text = format.Replace("%{http_code}", code, StringComparison.Ordinal)
                .Replace("%{remote_ip}", addresses[0].ToString(), StringComparison.Ordinal)
                .Replace("%{remote_port}", uri.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("%{time_total}", seconds.ToString("0.000000", CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("\\n", "\n", StringComparison.Ordinal);
            await call.PrintAsync(text, cancellationToken).ConfigureAwait(false);
            calls?.Wrote(text);
        }

        return 0;

        Task WaitAsync(TimeSpan time) => calls is null ? Task.Delay(time, clock, cancellationToken) : calls.WaitAsync(time, cancellationToken);

        Task<int> ComplainAsync(string text, int exitCode)
        {
            calls?.Wrote(text + "\n", isError: true);
            return call.ComplainAsync(text, exitCode, cancellationToken);
        }

        Task TellAsync(string line) => options.Verbose ? ComplainAsync(line, 0) : Task.CompletedTask;

        Task<int> FailAsync(int exitCode, string message) => options.Silent && !options.ShowError
            ? Task.FromResult(exitCode)
            : ComplainAsync(string.Create(CultureInfo.InvariantCulture, $"curl: ({exitCode}) {message}"), exitCode);
    }

    private static string Reason(ConnectOutcome outcome) => outcome switch
    {
        ConnectOutcome.HostUnreachable => "Host is unreachable",
        ConnectOutcome.NetworkUnreachable => "Network unreachable",
        _ => "Connection refused",
    };

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private sealed class Options
    {
        public string? Url { get; private set; }

        public string Method { get; private set; } = "GET";

        public List<string> Headers { get; } = [];

        public TimeSpan? Patience { get; private set; }

        public bool Silent { get; private set; }

        public bool ShowError { get; private set; }

        public bool Verbose { get; private set; }

        public bool WithHead { get; private set; }

        public bool FailOnError { get; private set; }

        public string? Output { get; private set; }

        public string? WriteOut { get; private set; }

        public string? Read(IReadOnlyList<string> arguments)
        {
            for (var i = 1; i < arguments.Count; i++)
            {
                var word = arguments[i];
                if (!word.StartsWith('-') || word == "-")
                {
                    Url ??= word;
                    continue;
                }
                foreach (var option in word.StartsWith("--", StringComparison.Ordinal) ? [word] : word[1..].Select(static c => "-" + c))
                {
                    var wantsValue = option is "-m" or "--max-time" or "--connect-timeout" or "-o" or "--output" or "-w" or "--write-out" or "-H" or "--header" or "-X" or "--request";
                    if (wantsValue && i + 1 >= arguments.Count)
                        return $"curl: option {option}: requires parameter\ncurl: try 'curl --help' for more information";
                    if (Take(option, wantsValue ? arguments[++i] : "") is { } complaint)
                        return complaint;
                }
            }
            return null;
        }

        private string? Take(string option, string value)
        {
            switch (option)
            {
                case "-s" or "--silent":
                    Silent = true;
                    break;
                case "-S" or "--show-error":
                    ShowError = true;
                    break;
                case "-v" or "--verbose":
                    Verbose = true;
                    break;
                case "-i" or "--include":
                    WithHead = true;
                    break;
                case "-I" or "--head":
                    Method = "HEAD";
                    break;
                case "-f" or "--fail":
                    FailOnError = true;
                    break;
                case "-m" or "--max-time" or "--connect-timeout":
                    if (!double.TryParse(value, CultureInfo.InvariantCulture, out var seconds))
                        return $"curl: option {option}: expected a proper numerical parameter\ncurl: try 'curl --help' for more information";
                    Patience = TimeSpan.FromSeconds(seconds);
                    break;
                case "-o" or "--output":
                    Output = value;
                    break;
                case "-w" or "--write-out":
                    WriteOut = value;
                    break;
                case "-H" or "--header":
                    Headers.Add(value);
                    break;
                case "-X" or "--request":
                    Method = value;
                    break;
                case "-k" or "--insecure" or "-L" or "--location" or "-4" or "--ipv4":
                    break;
                default:
                    return $"curl: option {option}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information";
            }
            return null;
        }
    }
}
