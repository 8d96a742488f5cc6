using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cluster.Connection;

/// <summary>
/// What every request of the client goes through: each try has a time limit, a server that is busy or stumbles is asked again for a
/// while, and what fails for good is a <see cref="LabException"/>. A request that may have been carried out is not sent twice unless
/// doing it twice is doing it once.
/// </summary>
/// <param name="cluster">Who is asked.</param>
/// <param name="patience">How long and how often.</param>
/// <param name="clock">Measures it.</param>
internal sealed class ApiRequests(ClusterAddress cluster, ApiPatience patience, TimeProvider clock) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            var outcome = await TryAsync(request, tries, cancellationToken).ConfigureAwait(false);
            if (outcome.Response is { } response)
                return response;
            var pause = patience.Pause(tries, outcome.RetryAfter);
            if (tries >= outcome.MostTries || clock.GetElapsedTime(began) + pause > patience.Total)
                throw outcome.Failure!;
            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Outcome> TryAsync(HttpRequestMessage request, int tries, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience.PerTry, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var response = await base.SendAsync(request, either.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.SwitchingProtocols || (response.IsSuccessStatusCode && IsWatch(request)))
                return new Outcome(response);
            // Read here, where the limit counts: whoever reads it later does so without one.
            await response.Content.LoadIntoBufferAsync(either.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? new Outcome(response) : await RefusedAsync(request, response, tries).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new Outcome(ApiErrors.TimedOut(cluster, patience.PerTry, tries), IsRepeatable(request) ? patience.ConnectionTries : 1);
        }
        catch (HttpRequestException error)
        {
            var neverSent = error.HttpRequestError is HttpRequestError.ConnectionError;
            var hopeless = error.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;
            return new Outcome(
                ApiErrors.NotConnected(cluster, error, tries), !hopeless && (neverSent || IsRepeatable(request)) ? patience.ConnectionTries : 1);
        }
    }

    private async Task<Outcome> RefusedAsync(HttpRequestMessage request, HttpResponseMessage response, int tries)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(CancellationToken.None).ConfigureAwait(false);
            var failure = ApiErrors.Refusal(cluster, response.StatusCode, body, tries);
            var again = (int)response.StatusCode switch
            {
                429 => true,
                >= 500 => IsRepeatable(request),
                _ => false,
            };
            return new Outcome(failure, again ? patience.Tries : 1, response.Headers.RetryAfter?.Delta);
        }
    }

    private static bool IsRepeatable(HttpRequestMessage request) => request.Method != HttpMethod.Post;

    private static bool IsWatch(HttpRequestMessage request) =>
        request.RequestUri?.Query.Contains("watch=true", StringComparison.Ordinal) == true;

    private sealed record Outcome(HttpResponseMessage? Response, LabException? Failure, int MostTries, TimeSpan? RetryAfter)
    {
        public Outcome(HttpResponseMessage response)
            : this(response, null, 1, null)
        {
        }

        public Outcome(LabException failure, int mostTries, TimeSpan? retryAfter = null)
            : this(null, failure, mostTries, retryAfter)
        {
        }
    }
}
