using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace CiliumLab.Tests.Cilium;

/// <summary>Releases of cilium-cli on a web server of this computer: archives with a program that says its version, and their checksums.</summary>
internal sealed class CliRelease : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public CliRelease(string version)
    {
        (Version, Archive) = (version, Pack("cilium", $"#!/bin/sh\n# CLIVersion={version}\necho 'cilium-cli: {version} compiled with go1.24.4 on linux/amd64'\n"));
        foreach (var architecture in (string[])["amd64", "arm64"])
        {
            Serve($"download/{version}/cilium-linux-{architecture}.tar.gz", Archive);
            Serve($"download/{version}/cilium-linux-{architecture}.tar.gz.sha256sum", $"{Sha256}  cilium-linux-{architecture}.tar.gz\n");
        }

        Serve("stable.txt", version + "\n");
        (_listener, Address) = Listen();

        _ = Task.Run(AnswerAsync);
    }

    public string Version { get; }

    public byte[] Archive { get; }

    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Archive));

    public Uri Address { get; }

    public static byte[] Pack(string name, string content)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
        using (var tar = new TarWriter(zip, TarEntryFormat.Ustar))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
        return packed.ToArray();
    }

    public void Serve(string path, string text) => Serve(path, Encoding.UTF8.GetBytes(text));

    public void Serve(string path, byte[] content) => _files[path] = content;

    public void Dispose() => _listener.Close();

    private static (HttpListener Listener, Uri Address) Listen()
    {
        for (var port = 20000; ; port++)
        {
            // One that could not listen is of no more use.
            var listener = new HttpListener();
            try
            {
                listener.Prefixes.Add($"http://127.0.0.1:{port}/releases/");
                listener.Start();
                return (listener, new Uri($"http://127.0.0.1:{port}/releases"));
            }
            catch (HttpListenerException) when (port < 60000)
            {
                // Somebody else listens there.
            }
        }
    }

    private async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var asked = await _listener.GetContextAsync();
                var found = _files.GetValueOrDefault(asked.Request.Url!.AbsolutePath["/releases/".Length..]);
                asked.Response.StatusCode = found is null ? 404 : 200;
                await asked.Response.OutputStream.WriteAsync(found ?? []);
                asked.Response.Close();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
