using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>Who sent a request.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Groups">The groups, <c>system:authenticated</c> among them.</param>
internal sealed record ApiUser(string Name, ImmutableArray<string> Groups);

/// <summary>Tells who sent a request: a client certificate of the cluster's authority, or a bearer token.</summary>
internal sealed class Authentication(ClusterCertificates certificates)
{
    private readonly ConcurrentDictionary<string, ApiUser> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ApiUser> _known = new(StringComparer.Ordinal);

    /// <summary>Makes a token for a user.</summary>
    public string IssueToken(string user, params ReadOnlySpan<string> groups)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _tokens[token] = new(user, [.. groups, "system:authenticated"]);
        return token;
    }

    /// <summary>The sender, or null when nobody vouches for it.</summary>
    public ApiUser? Of(HttpContext context)
    {
        if (context.Connection.ClientCertificate is { } certificate)
        {
            // a connection sends many requests; its chain is built once
            var print = certificate.Thumbprint;
            if (_known.TryGetValue(print, out var known))
                return known;
            if (certificates.Vouches(certificate))
                return _known.GetOrAdd(print, FromSubject(certificate));
        }
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && _tokens.TryGetValue(header[7..].Trim(), out var user) ? user : null;
    }

    private static ApiUser FromSubject(X509Certificate2 certificate)
    {
        var name = "";
        var groups = ImmutableArray.CreateBuilder<string>();
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
                continue;
            if (part.GetSingleElementType().Value == "2.5.4.3")
                name = part.GetSingleElementValue() ?? "";
            else if (part.GetSingleElementType().Value == "2.5.4.10" && part.GetSingleElementValue() is { } group)
                groups.Add(group);
        }
        groups.Add("system:authenticated");
        return new(name, groups.ToImmutable());
    }
}
