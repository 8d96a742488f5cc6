using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>Acting for somebody else (<c>kubectl --as</c>), which needs a permission of its own.</summary>
internal static class Impersonation
{
    /// <summary>For whom a request is made: its sender, or whom its headers name.</summary>
    /// <exception cref="ApiException">The sender may not act for them (403), or names groups without a user (500, as upstream).</exception>
    public static ApiUser Of(HttpContext context, ApiUser sender, RoleBasedAccess access)
    {
        var headers = context.Request.Headers;
        var name = headers["Impersonate-User"].ToString();
        var groups = headers["Impersonate-Group"].Where(static g => g is { Length: > 0 }).Select(static g => g!).ToImmutableArray();
        if (name.Length == 0)
        {
            return groups.Length == 0
                ? sender
                : throw new ApiException(500, "InternalError", "Internal error occurred: requested [{Group  " + groups[0] + "  authentication.k8s.io/v1  }] without impersonating a user");
        }
        if (ServiceAccountTokens.UserOf(name) is { } account)
        {
            var parts = name.Split(':');
            Require(new("impersonate") { Resource = "serviceaccounts", Namespace = parts[2], Name = parts[3] });
            Check(groups);
            return groups.Length == 0 ? account : account with { Groups = [.. groups.Append(ApiUser.Authenticated).Distinct()] };
        }
        Require(new("impersonate") { Resource = "users", Name = name });
        Check(groups);
        var everybody = name == ApiUser.Anonymous ? "system:unauthenticated" : ApiUser.Authenticated;
        return new(name, [.. groups.Append(everybody).Distinct()]);

        void Check(ImmutableArray<string> names)
        {
            foreach (var group in names)
                Require(new("impersonate") { Resource = "groups", Name = group });
        }

        void Require(AccessRequest request)
        {
            if (access.Allow(sender, request) is null)
                throw request.Refuse(sender);
        }
    }
}
