namespace CiliumLab.Simulator.Api;

/// <summary>How an API server is known to its clients: what a kubeconfig holds stays good as long as this does.</summary>
/// <param name="Port">The port on the loopback address.</param>
/// <param name="Authority">The authority's certificate, PEM.</param>
/// <param name="AuthorityKey">Its key, PEM.</param>
/// <param name="Server">The server's certificate, PEM.</param>
/// <param name="ServerKey">Its key, PEM.</param>
/// <param name="TokenKey">The key that signs the tokens of service accounts, PEM.</param>
internal sealed record ServerIdentity(int Port, string Authority, string AuthorityKey, string Server, string ServerKey, string TokenKey);
